import { defineContract } from '../../lib/contract/route.ts';

/** The gateway has no routes of its own beside those every daemon serves and `/docs`; it forwards the others'. */
export const gatewayContract = defineContract('gateway', {});
