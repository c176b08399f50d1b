// Judges what is sent to GraphQL by a schema: judge_graphql.mjs SCHEMA < CASES.
//
// A case is { query, variables, answer }; what is wrong with each is written as a list of messages.

import { isDeepStrictEqual } from "node:util";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [file] = process.argv.slice(2);
const { buildSchema, executeSync, parse, validate } = createRequire(file)("graphql");
// What is published defines a field twice, in a place that we ask nothing about.
const schema = buildSchema(readFileSync(file, "utf8"), { assumeValidSDL: true });

function judge({ query, variables, answer }) {
  const document = parse(query);
  const wrong = validate(schema, document).map((error) => error.message);
  for (const { kind, operation } of document.definitions) {
    if (kind === "OperationDefinition" && operation !== "query") wrong.push(`it is a ${operation}`);
  }
  if (wrong.length) return wrong;
  // The question put to the answer gives the answer again if every field in it is of its type, and no other there.
  // Whatever does not say what it is counts as a user.
  const typeResolver = ({ __typename }) => __typename ?? "User";
  const [rootValue, variableValues] = [answer.data, variables];
  const again = executeSync({ schema, document, rootValue, variableValues, typeResolver });
  wrong.push(...(again.errors ?? []).map((error) => error.message));
  const plain = JSON.parse(JSON.stringify(again.data ?? null));
  if (!wrong.length && !isDeepStrictEqual(plain, answer.data)) {
    wrong.push(`it would be answered otherwise: ${JSON.stringify(plain)}`);
  }
  return wrong;
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(judge)));
