import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';

/** What tells a text from a parsed document, which would be sent as [object Object]. */
interface Text {
  readonly length: number;
  toString(): string;
}

/**
 * The text of an operation with the types of its answer and its variables: what codegen's client preset makes with
 * `documentMode: string`, of this SDK or of an application. Not the class that codegen writes, since each output has its own.
 *
 * @example
 * ```ts
 * const timeOf: Operation<{ me: { createdAt: string } }, Record<string, never>> = '{ me { createdAt } }';
 * console.log((await phone.request(timeOf, {})).me.createdAt);
 * ```
 */
export type Operation<Data, Variables> = Text & DocumentTypeDecoration<Data, Variables>;
