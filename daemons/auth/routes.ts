import { by } from '../../lib/audit/audit.ts';
import { isFailure } from '../../lib/core/errors.ts';
import type { Handlers } from '../../lib/contract/handler.ts';
import type { AuthContract } from './contract.ts';
import type { ForgotPassword } from './passwords/forgot.ts';
import type { PasswordService } from './passwords/service.ts';
import type { OnLoginRefused, OnProofRefused } from './refused-logins.ts';
import type { AuthService } from './service.ts';
import type { SessionService } from './sessions/service.ts';
import type { TotpService } from './totp/service.ts';

export interface AuthRouteDeps {
  readonly auth: AuthService;
  readonly sessions: SessionService;
  readonly passwords: PasswordService;
  readonly onLoginRefused: OnLoginRefused;
  readonly onProofRefused: OnProofRefused;
  readonly forgotPassword: ForgotPassword;
  readonly totp: TotpService;
}

export function authRoutes(deps: AuthRouteDeps): Handlers<AuthContract> {
  const { auth, sessions, passwords, totp } = deps;
  return {
    async register({ body, call }) {
      const user = await auth.register(call, body);
      return isFailure(user) ? user : { status: 201, body: user };
    },

    async login({ body, call }) {
      const tokens = await auth.login(call, body);
      if (isFailure(tokens)) {
        deps.onLoginRefused({ ...body, caller: call, failure: tokens });
      }
      return isFailure(tokens) ? tokens : { status: 200, body: tokens, headers: NOT_STORED };
    },

    async refresh({ body, call }) {
      const tokens = await sessions.refresh(call, body.refresh_token);
      return isFailure(tokens) ? tokens : { status: 200, body: tokens, headers: NOT_STORED };
    },

    async logout({ body, actor, call }) {
      await sessions.close(by(actor, call), body.refresh_token);
      return { status: 204 };
    },

    async listSessions({ query, actor, call }) {
      const page = await sessions.list(by(actor, call), query);
      return isFailure(page) ? page : { status: 200, body: page };
    },

    async endSession({ params, actor, call }) {
      const failure = await sessions.end(by(actor, call), params.session_id);
      return failure ?? { status: 204 };
    },

    async me({ actor }) {
      const me = await auth.me(actor);
      return isFailure(me) ? me : { status: 200, body: me };
    },

    async setPassword({ body, call }) {
      const user = await passwords.set(call, body);
      return isFailure(user) ? user : { status: 200, body: user };
    },

    async forgotPassword({ body, call }) {
      const detail = await deps.forgotPassword(call, body.email);
      return isFailure(detail) ? detail : { status: 202, body: { detail } };
    },

    async beginTotp({ actor, call }) {
      const start = await totp.begin(by(actor, call));
      return isFailure(start) ? start : { status: 201, body: start, headers: NOT_STORED };
    },

    async confirmTotp({ body, actor, call }) {
      const codes = await totp.confirm(by(actor, call), body.code);
      if (isFailure(codes)) return codes;
      return { status: 200, body: { recovery_codes: [...codes] }, headers: NOT_STORED };
    },

    async removeTotp({ body, actor, call }) {
      const failure = await totp.remove(by(actor, call), body);
      if (failure) {
        const proof = 'password' in body ? 'password' : 'totp';
        deps.onProofRefused({ proof, actor: by(actor, call), failure });
      }
      return failure ?? { status: 204 };
    },

    async changePassword({ body, actor, call }) {
      const failure = await passwords.change(by(actor, call), body);
      if (failure) deps.onProofRefused({ proof: 'password', actor: by(actor, call), failure });
      return failure ?? { status: 204 };
    },
  };
}

const NOT_STORED = { 'Cache-Control': 'no-store' };
