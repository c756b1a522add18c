import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createKoa } from './app.ts';
import { chain } from './chain.ts';

const aContext = () => {
  const request = new IncomingMessage(new Socket());
  return createKoa().createContext(request, new ServerResponse(request));
};

test('goes in one way and out the other, ends where one does not go on, and passes on what is thrown', async () => {
  const seen: string[] = [];
  const around = (name: string) => async (_ctx: unknown, next: () => Promise<unknown>) => {
    seen.push(`${name} in`);
    await next();
    seen.push(`${name} out`);
  };
  const after = async () => void seen.push('after');
  await chain([around('a'), around('b')])(aContext(), after);
  expect(seen.splice(0)).toEqual(['a in', 'b in', 'after', 'b out', 'a out']);

  await chain([around('a'), () => undefined, around('c')])(aContext(), after);
  expect(seen.splice(0)).toEqual(['a in', 'a out']);

  const broken = () => {
    throw new Error('at once');
  };
  await expect(chain([around('a'), broken])(aContext(), after)).rejects.toThrow('at once');
});
