import { GraphQLScalarType } from 'graphql';

/** Output only: no argument of this API takes an instant. */
export const GraphQLInstant = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'An instant in UTC, ISO 8601 with milliseconds.',
  serialize(value) {
    if (!(value instanceof Date)) throw new TypeError('DateTime takes a Date.');
    return value.toISOString();
  },
});
