// An issuer of our own that says what no real provider would, for crates/server/tests/sign_in.py and crates/browser.
// node --input-type=module - PORT SECRET < issuer.mjs, in a folder with the package jose.
//
// PUT /scenario with JSON changes what the next tokens say: {"claims": {…}, "without": […], "key": "…", "alg": "…"}.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';

const [port, secret] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const keys = {};
for (const name of ['first', 'second', 'unpublished']) keys[name] = await generateKeyPair('RS256');
let published = ['first'];
let scenario = {};
const codes = new Map();

async function idToken(nonce) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer, aud: 'idscore', sub: 'mallory', nonce, iat: now, nbf: now, exp: now + 300,
    preferred_username: 'mallory@example.org', roles: ['Global Administrator'], ...scenario.claims,
  };
  for (const [name, seconds] of Object.entries(scenario.after ?? {})) claims[name] = now + seconds;
  for (const name of scenario.without ?? []) delete claims[name];
  if (scenario.alg === 'none') return new UnsecuredJWT(claims).encode();
  const key = scenario.key ?? 'first';
  if (scenario.alg === 'HS256') {
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: key }).sign(new TextEncoder().encode(secret));
  }
  const header = { alg: 'RS256', kid: scenario.kid ?? key };
  return new SignJWT(claims).setProtectedHeader(header).sign(keys[key].privateKey);
}

async function token(request, body) {
  const form = new URLSearchParams(body);
  const basic = `Basic ${Buffer.from(`idscore:${secret}`).toString('base64')}`;
  const asked = codes.get(form.get('code'));
  codes.delete(form.get('code'));
  const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
  if (request.headers.authorization !== basic) return [401, { error: 'invalid_client' }];
  if (!asked || asked.challenge !== challenge || asked.redirect !== form.get('redirect_uri')) return [400, { error: 'invalid_grant' }];
  return [200, { access_token: 'unused', token_type: 'Bearer', expires_in: 60, id_token: await idToken(asked.nonce) }];
}

async function answer(request, body, url) {
  switch (url.pathname) {
    case '/.well-known/openid-configuration':
      return [200, {
        issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'],
      }];
    case '/jwks': {
      const of = async (name) => ({ ...await exportJWK(keys[name].publicKey), kid: name, use: 'sig', alg: 'RS256' });
      return [200, { keys: await Promise.all(published.map(of)) }];
    }
    case '/scenario':
      scenario = JSON.parse(body);
      published = scenario.published ?? ['first'];
      return [200, {}];
    case '/token':
      return token(request, body);
    default:
      return [404, {}];
  }
}

createServer((request, response) => {
  const url = new URL(request.url, issuer);
  if (url.pathname === '/authorize') {
    const asked = (name) => url.searchParams.get(name) ?? '';
    const back = new URL(asked('redirect_uri'));
    if (asked('code_challenge_method') !== 'S256') {
      back.searchParams.set('error', 'invalid_request');
    } else {
      const code = randomBytes(16).toString('hex');
      codes.set(code, { challenge: asked('code_challenge'), nonce: asked('nonce'), redirect: asked('redirect_uri') });
      back.searchParams.set('code', code);
    }
    back.searchParams.set('state', asked('state'));
    if (scenario.answered) back.searchParams.set('iss', scenario.answered);
    response.writeHead(303, { location: back.href }).end();
    return;
  }
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    const [status, said] = await answer(request, Buffer.concat(parts).toString(), url);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
  });
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
