import type { DefineCommand } from '../../cli/command.ts';
import { defineLeadChanging } from './change.ts';
import { defineLeadDescribe } from './describe.ts';
import { defineLeadExport } from './export.ts';
import { defineLeadImport } from './import.ts';
import { defineLeadIngest } from './ingest.ts';
import { defineLeadReading } from './read.ts';
import { defineLeadTail } from './tail.ts';

/** `leadctl lead …`. */
export const defineLead: DefineCommand = (noun, cli) => {
  defineLeadIngest(noun, cli);
  defineLeadReading(noun, cli);
  defineLeadDescribe(noun, cli);
  defineLeadTail(noun, cli);
  defineLeadImport(noun, cli);
  defineLeadExport(noun, cli);
  defineLeadChanging(noun, cli);
};
