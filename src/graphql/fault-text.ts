/**
 * What a client is told of a fault in its document or variables: graphql's own sentence without the values, which may be
 * a password or a payload on their way into a console or a log. `hints` false: without names of the schema that would have fitted.
 */
export function faultText(message: string, { hints }: { hints: boolean }): string {
  const hint = / Did you mean (?:[a-z ]+ )?"\w+"(?:(?:, | or |, or )"\w+")*\?$/.exec(message)?.[0] ?? '';
  const text = message
    .slice(0, message.length - hint.length)
    // `String cannot represent a non string value: {…}`, `Enum "X" cannot represent non-string value: {…}.`
    // No longer than graphql's own words, or a value that repeats their beginning would be searched once for each repetition.
    .replace(/( cannot represent [^:]{0,40}value): [\s\S]*$/, '$1.')
    // `Variable "$x" got invalid value {…}; Expected type String; String cannot …`: what a compiled plan says, all in one.
    .replace(/^Variable "\$\w+" got invalid value [\s\S]*; ([^;]*)$/, '$1')
    // `Value "…" does not exist in "X" enum.`
    .replace(/^(.*?)Value "[\s\S]*" does not exist in ("\w+" enum)\.$/, '$1This value does not exist in $2.')
    // `Expected value of type "X", found {…}.`
    .replace(/^(Expected value of type "[^"]*"), found [\s\S]*$/, '$1.')
    // `Syntax Error: Expected Name, found String "…".`; a Name or a number is what somebody forgot to quote.
    .replace(/^(Syntax Error: [\s\S]*?\b(?:Name|Int|Float|String|BlockString)) "[\s\S]*"\.$/, '$1.')
    // `Unknown operation named "…".`, which is Apollo Server's.
    .replace(/^Unknown operation named "[\s\S]*"\.$/, 'The document has no operation of that name.');
  return hints ? text + hint : text;
}
