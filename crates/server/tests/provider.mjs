// A real OpenID Connect provider on loopback, for crates/server/tests/sign_in.py and crates/browser.
// node --input-type=module - PORT SERVICE SECRET < provider.mjs, in a folder with the package oidc-provider.
import Provider from 'oidc-provider';

const [port, service, secret] = process.argv.slice(2);
const roles = {
  rita: ['Security Reader'],
  otto: ['Security Operator'],
  ada: ['Reports Reader', 'Global Administrator'],
  nobody: [],
};
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'idscore',
    client_secret: secret,
    redirect_uris: [`${service}/sign-in/answer`],
    post_logout_redirect_uris: [`${service}/sign-in`],
  }],
  claims: { openid: ['sub'], profile: ['preferred_username', 'roles'] },
  // As Entra does: the ID token has the claims, and nobody asks a second time.
  conformIdTokenClaims: false,
  cookies: { keys: ['only for tests'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: `${id}@example.org`, roles: roles[id] }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
