// Serves a GitHub that begins with a seed: serve_emulate.mjs EMULATE SEED WEB-ADDRESS.

import { readFileSync } from "node:fs";
import { Server } from "node:net";
import { pathToFileURL } from "node:url";

const [program, file, web] = process.argv.slice(2);

// It takes any port that is free, and does not say which: the server itself has to.
const { listen } = Server.prototype;
Server.prototype.listen = function (...where) {
  const say = () => console.error(`serving on http://127.0.0.1:${this.address().port}/`);
  return listen.apply(this.once("listening", say), where);
};

const { createEmulator } = await import(new URL("api.js", pathToFileURL(program)));
const seed = JSON.parse(readFileSync(file, "utf8"));
await createEmulator({ service: "github", port: 0, seed, baseUrl: web });
