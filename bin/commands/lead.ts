import type { DefineCommand } from '../cli/command.ts';
import { defineLeadChanging } from './lead/change.ts';
import { defineLeadDescribe } from './lead/describe.ts';
import { defineLeadExport } from './lead/export.ts';
import { defineLeadImport } from './lead/import.ts';
import { defineLeadIngest } from './lead/ingest.ts';
import { defineLeadReading } from './lead/read.ts';
import { defineLeadTail } from './lead/tail.ts';

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
