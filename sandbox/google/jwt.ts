import { createVerify } from 'node:crypto';
import { z } from 'zod';

const header = z.object({ alg: z.string(), kid: z.string().optional() });
const claims = z.object({
  iss: z.string().optional(),
  scope: z.string().optional(),
  aud: z.string().optional(),
  exp: z.number().optional(),
  iat: z.number().optional(),
});

export interface Jwt {
  readonly algorithm: string;
  readonly claims: z.output<typeof claims>;
  readonly signedPart: string;
  readonly signature: Buffer;
}

/** Takes a compact JWT apart, believing nothing of it; undefined when it is none. */
export function readJwt(token: string): Jwt | undefined {
  const [head, body, signature, ...rest] = token.split('.');
  if (head === undefined || body === undefined || !signature || rest.length > 0) return undefined;
  const parsedHead = header.safeParse(fromBase64Json(head));
  const parsedBody = claims.safeParse(fromBase64Json(body));
  if (!parsedHead.success || !parsedBody.success) return undefined;
  return {
    algorithm: parsedHead.data.alg,
    claims: parsedBody.data,
    signedPart: `${head}.${body}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

export function isSignedBy(jwt: Jwt, publicKeyPem: string): boolean {
  const verify = createVerify('RSA-SHA256').update(jwt.signedPart);
  return verify.verify(publicKeyPem, jwt.signature);
}

function fromBase64Json(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
