// Reads expressions from lines of JSON strings, and writes for each what GitHub's own package makes of it:
// {"refused": why} or {"value": its text, "kind": its kind} where no context is in it, and {} where one is.
import {createInterface} from "node:readline";
import {Lexer, Parser, Evaluator, data} from "@actions/expressions";

const contexts = ["github", "env", "matrix", "needs", "steps", "inputs", "secrets", "vars", "runner", "job", "strategy"];
const functions = ["success", "failure", "always", "cancelled"].map((name) => ({name, minArgs: 0, maxArgs: 255}));
functions.push({name: "hashFiles", minArgs: 1, maxArgs: 255});
for await (const line of createInterface({input: process.stdin})) {
  const text = JSON.parse(line);
  let answer = {};
  try {
    const tree = new Parser(new Lexer(text).lex().tokens, contexts, functions).parse();
    if (!/[a-z]\w*\s*(?![\w(])/i.test(text.replace(/'(?:[^']|'')*'/g, "").replace(/\b(?:true|false|null|NaN|Infinity)\b/gi, "").replace(/0x[0-9a-f]+|0o[0-7]+|\d[\d.]*e[-+]?\d+|[a-z]\w*\s*\(/gi, "("))) {
      try {
        const value = new Evaluator(tree, new data.Dictionary()).evaluate();
        answer = {kind: data.Kind[value.kind], value: value.coerceString()};
      } catch (error) {
        answer = {fails: String(error.message)};
      }
    }
  } catch (error) {
    answer = {refused: String(error.message)};
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
