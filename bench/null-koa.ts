import Koa from 'koa';
import rawBody from 'raw-body';

/** What Koa alone costs: it reads the body and answers as many bytes as a lead has. */
const app = new Koa();
const lead = JSON.stringify({ id: 'x'.repeat(36), rest: 'x'.repeat(600) });
app.use(async (ctx) => {
  if (ctx.method === 'POST') {
    JSON.parse(String(await rawBody(ctx.req, { limit: 100_000 })));
    ctx.status = 201;
  }
  ctx.set('Content-Type', 'application/json; charset=utf-8');
  ctx.body = ctx.method === 'POST' ? lead.slice(0, 150) : lead;
});
const server = app.listen(0, '127.0.0.1', () => process.send?.(server.address()));
process.on('disconnect', () => process.exit(0));
