#!/usr/bin/env bash
# @microsoft/microsoft-graph-client 3.0.7 (npm), Node.js 20 or newer; seen on 2026-12-01.
#
# Behaviour: the JavaScript client asks its `authProvider` for a token and adds it only where the address is https and the host is
# Graph's or one of `customHosts`. Over plain http the request is sent without `Authorization`, with no error and no warning, even
# where `customHosts` names the very host.
# Output seen: ["none","none"]
# Guess: whoever sets `baseUrl` and `authProvider`, and names the host in `customHosts`, sends the token there.
# Why it matters here: the service has Graph's shapes and listens on http://127.0.0.1 by itself, so that this client is answered 401
# although token and code are right. The user guide says to put TLS in front for it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" @microsoft/microsoft-graph-client@3.0.7

cat >ask.cjs <<'JS'
const http = require("node:http");
const { Client } = require("@microsoft/microsoft-graph-client");
const seen = [];
const server = http.createServer((request, response) => {
  seen.push(request.headers.authorization ?? "none");
  response.setHeader("content-type", "application/json");
  response.end('{"value": []}');
});
server.listen(0, "127.0.0.1", async () => {
  const baseUrl = `http://127.0.0.1:${server.address().port}/`;
  for (const customHosts of [undefined, new Set(["127.0.0.1"])]) {
    const authProvider = (done) => done(null, "a-token");
    const client = Client.init({ baseUrl, customHosts, authProvider });
    await client.api("/security/secureScores").get();
  }
  console.log(JSON.stringify(seen));
  server.close();
});
JS
seen="$(node ask.cjs)"
echo "$seen"
[ "$seen" = '["none","none"]' ] || { echo "changed: the client sends something else" >&2; exit 1; }
