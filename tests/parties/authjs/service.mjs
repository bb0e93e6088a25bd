// A service with Auth.js as its frameworks use it, on the settings of docs/integrate/authjs.md.
import { createServer } from "node:http";
import { Auth, skipCSRFCheck } from "@auth/core";
import { getToken } from "@auth/core/jwt";
import { exportJWK, generateKeyPair } from "jose";
import { authConfig } from "./auth.config.mjs";

const { MOC_ISSUER, MOC_CLIENT_SECRET, BASE_URL, PORT } = process.env;
const keys = []; // public halves
if (!MOC_CLIENT_SECRET) {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  keys.push({ ...(await exportJWK(publicKey)), kid: "1" });
  const [provider] = authConfig.providers;
  provider.client = { token_endpoint_auth_method: "private_key_jwt" };
  provider.token = { clientPrivateKey: { key: privateKey, kid: "1" } };
}
const secret = "only for this test, and long enough";
const config = { ...authConfig, secret, trustHost: true, basePath: "/api/auth", skipCSRFCheck };

const ask = (path, cookie, method = "GET") => {
  const body = method === "POST" ? new URLSearchParams({ callbackUrl: `${BASE_URL}/` }) : undefined;
  return Auth(new Request(`${BASE_URL}/api/auth${path}`, { method, headers: { cookie }, body }), config);
};

async function answer(url, cookie) {
  if (url.pathname.startsWith("/api/auth/")) return ask(url.pathname.slice(9) + url.search, cookie);
  if (url.pathname === "/keys") return Response.json({ keys });
  if (url.pathname === "/bye") return Response.json("signed out");
  const session = await (await ask("/session", cookie)).json();
  if (!session?.member) return ask("/signin/moc", cookie, "POST");
  if (url.pathname === "/logout") {
    const { idToken } = await getToken({ req: { headers: new Headers({ cookie }) }, secret });
    const left = await ask("/signout", cookie, "POST");
    const query = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: `${BASE_URL}/bye` });
    left.headers.set("location", `${MOC_ISSUER}/logout?${query}`);
    return left;
  }
  const allowed = url.pathname !== "/members" || session.member.membership === "permanent";
  return Response.json(session.member, { status: allowed ? 200 : 403 });
}

createServer(async (request, response) => {
  try {
    const reply = await answer(new URL(request.url, BASE_URL), request.headers.cookie ?? "");
    const { "set-cookie": _, ...headers } = Object.fromEntries(reply.headers);
    response.writeHead(reply.status, { ...headers, "set-cookie": reply.headers.getSetCookie() });
    response.end(await reply.text());
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
}).listen(Number(PORT), "127.0.0.1");
