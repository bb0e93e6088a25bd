// Lets a test use openid-client: a call as a line of JSON on stdin, {"ok": …} or {"error": …} on stdout.
import { createInterface } from "node:readline";
import { exportJWK, generateKeyPair } from "jose";
import * as client from "openid-client";

const keys = {}; // by their use: the pair and its algorithm
let config, pending, tokens, device, dpop;

async function makeKey(use, alg) {
  const pair = await generateKeyPair(alg, { extractable: true });
  keys[use] = { ...pair, alg, kid: use };
  return { ...(await exportJWK(pair.publicKey)), kid: use, use, alg };
}

const signingKey = () => ({ key: keys.sig.privateKey, kid: keys.sig.kid });

const authentication = {
  client_secret_basic: (secret) => client.ClientSecretBasic(secret),
  client_secret_post: (secret) => client.ClientSecretPost(secret),
  private_key_jwt: () => client.PrivateKeyJwt(signingKey()),
  none: () => client.None(),
};

function taken(response) {
  tokens = response;
  return { ...response, claims: response.claims() };
}

const calls = {
  // The public halves of new keys: {sig: "ES256", enc: "ECDH-ES"}.
  async keys(wanted) {
    return { keys: await Promise.all(Object.entries(wanted).map(([use, alg]) => makeKey(use, alg))) };
  },

  async discover({ issuer, client_id, method, secret, metadata = {}, jarm, content_encryption, dpop: bound }) {
    config = await client.discovery(new URL(issuer), client_id, metadata, authentication[method](secret), {
      execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks], // loopback has no TLS
    });
    if (jarm) client.useJwtResponseMode(config);
    if (content_encryption) {
      const { privateKey: key, alg, kid } = keys.enc;
      client.enableDecryptingResponses(config, [content_encryption], { key, alg, kid });
    }
    if (bound) dpop = client.getDPoPHandle(config, await client.randomDPoPKeyPair(bound));
    return config.serverMetadata();
  },

  async register({ issuer, metadata, initialAccessToken }) {
    const options = { initialAccessToken, execute: [client.allowInsecureRequests] };
    config = await client.dynamicClientRegistration(new URL(issuer), metadata, undefined, options);
    return config.clientMetadata();
  },

  async authorize({ parameters, jar, par }) {
    pending = { verifier: client.randomPKCECodeVerifier(), state: client.randomState(), nonce: client.randomNonce() };
    const all = {
      ...parameters,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: "S256",
    };
    if (jar && par) {
      const { searchParams } = await client.buildAuthorizationUrlWithJAR(config, all, signingKey());
      return (await client.buildAuthorizationUrlWithPAR(config, searchParams, { DPoP: dpop })).href;
    }
    if (jar) return (await client.buildAuthorizationUrlWithJAR(config, all, signingKey())).href;
    if (par) return (await client.buildAuthorizationUrlWithPAR(config, all, { DPoP: dpop })).href;
    return client.buildAuthorizationUrl(config, all).href;
  },

  async callback({ url, form, max_age }) {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = form ? new Request(url, { method: "POST", headers, body: form }) : new URL(url);
    const checks = {
      pkceCodeVerifier: pending.verifier,
      expectedState: pending.state,
      expectedNonce: pending.nonce,
      idTokenExpected: true,
      maxAge: max_age,
    };
    return taken(await client.authorizationCodeGrant(config, answer, checks, undefined, { DPoP: dpop }));
  },

  async refresh(parameters) {
    return taken(await client.refreshTokenGrant(config, tokens.refresh_token, parameters, { DPoP: dpop }));
  },

  async userinfo() {
    return client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP: dpop });
  },

  async end_session(parameters) {
    return client.buildEndSessionUrl(config, { ...parameters, id_token_hint: tokens.id_token }).href;
  },

  async introspect({ token }) {
    return client.tokenIntrospection(config, token);
  },

  async revoke({ token }) {
    await client.tokenRevocation(config, token);
  },

  async client_credentials(parameters) {
    return client.clientCredentialsGrant(config, parameters, { DPoP: dpop });
  },

  async device(parameters) {
    device = await client.initiateDeviceAuthorization(config, parameters);
    return device;
  },

  async poll() {
    return taken(await client.pollDeviceAuthorizationGrant(config, device, undefined, { DPoP: dpop }));
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, ...parameters } = JSON.parse(line);
  let answer;
  try {
    answer = { ok: (await calls[call](parameters)) ?? null };
  } catch (error) {
    const { name, message, code, status, error: reason, error_description, cause } = error;
    answer = { error: { name, message, code, status, error: reason, error_description, cause: String(cause) } };
  }
  console.log(JSON.stringify(answer));
}
