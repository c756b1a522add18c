import { by } from '../../lib/audit/audit.ts';
import { isFailure } from '../../lib/core/errors.ts';
import { reply, type Handlers } from '../../lib/contract/handler.ts';
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
    register: ({ body, call }) => auth.register(call, body),

    async login({ body, call }) {
      const tokens = await auth.login(call, body);
      if (isFailure(tokens)) {
        deps.onLoginRefused({ ...body, caller: call, failure: tokens });
      }
      return isFailure(tokens) ? tokens : reply(200, tokens, NOT_STORED);
    },

    async refresh({ body, call }) {
      const tokens = await sessions.refresh(call, body.refresh_token);
      return isFailure(tokens) ? tokens : reply(200, tokens, NOT_STORED);
    },

    async logout({ body, actor, call }) {
      await sessions.close(by(actor, call), body.refresh_token);
    },

    listSessions: ({ query, actor, call }) => sessions.list(by(actor, call), query),

    endSession: ({ params, actor, call }) => sessions.end(by(actor, call), params.session_id),

    me: ({ actor }) => auth.me(actor),

    setPassword: ({ body, call }) => passwords.set(call, body),

    async forgotPassword({ body, call }) {
      const detail = await deps.forgotPassword(call, body.email);
      return isFailure(detail) ? detail : { detail };
    },

    async beginTotp({ actor, call }) {
      const start = await totp.begin(by(actor, call));
      return isFailure(start) ? start : reply(201, start, NOT_STORED);
    },

    async confirmTotp({ body, actor, call }) {
      const codes = await totp.confirm(by(actor, call), body.code);
      if (isFailure(codes)) return codes;
      return reply(200, { recovery_codes: [...codes] }, NOT_STORED);
    },

    async removeTotp({ body, actor, call }) {
      const failure = await totp.remove(by(actor, call), body);
      if (failure) {
        const proof = 'password' in body ? 'password' : 'totp';
        deps.onProofRefused({ proof, actor: by(actor, call), failure });
      }
      return failure;
    },

    async changePassword({ body, actor, call }) {
      const failure = await passwords.change(by(actor, call), body);
      if (failure) deps.onProofRefused({ proof: 'password', actor: by(actor, call), failure });
      return failure;
    },
  };
}

const NOT_STORED = { 'Cache-Control': 'no-store' };
