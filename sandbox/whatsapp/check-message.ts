import type { ProviderReply } from '../reply.ts';
import { graphError, knownGraphError } from '../meta/graph-errors.ts';
import { bodyParameters, type Message, type Parameter, type TemplateMessage } from './message.ts';
import { placeholders, type Template, type Templates } from './templates.ts';

const MOST_CALLBACK_CHARACTERS = 512;

/** The first thing that WhatsApp would refuse in a message; undefined when it would accept it. */
export function refuseMessage(message: Message, templates: Templates): ProviderReply | undefined {
  const { to, type = 'text', biz_opaque_callback_data: callbackData = '' } = message;
  if (message.messaging_product !== 'whatsapp') return missing('messaging_product');
  if (to === undefined || to === '') return missing('to');
  if (!/^\+?[\d ()-]{3,25}$/.test(to) || to.replaceAll(/\D/g, '').length > 15) {
    return knownGraphError(131_009, 'Parameter value is not valid: to');
  }
  if (callbackData.length > MOST_CALLBACK_CHARACTERS) {
    return invalid(
      `biz_opaque_callback_data must be at most ${MOST_CALLBACK_CHARACTERS} characters`,
    );
  }
  if (type === 'text') return message.text === undefined ? missing('text') : undefined;
  if (type !== 'template') return knownGraphError(131_051, `Unsupported message type: ${type}`);
  return refuseTemplate(message.template ?? {}, templates);
}

function refuseTemplate(message: TemplateMessage, templates: Templates): ProviderReply | undefined {
  const { name, language } = message;
  if (name === undefined || name === '') {
    return knownGraphError(131_008, "Required parameter 'template.name' is missing");
  }
  if (language === undefined) {
    return knownGraphError(131_008, "Required parameter 'template.language.code' is missing");
  }
  const parameters = bodyParameters(message);
  const badParameter = parameters.map(refuseParameter).find((refusal) => refusal !== undefined);
  if (badParameter !== undefined) return badParameter;
  if (templates.isGenerous()) return undefined;
  const template = templates.find(name, language.code);
  if (template === undefined) {
    return knownGraphError(132_001, `template name (${name}) does not exist in ${language.code}`);
  }
  return refuseStatus(template) ?? refuseCount(template, parameters);
}

function refuseParameter(parameter: Parameter): ProviderReply | undefined {
  const { type, text = '' } = parameter;
  if (type !== 'text') return undefined;
  if (text === '') return knownGraphError(131_008, 'Parameter of type text is missing text value');
  return /[\n\r\t]| {5}/.test(text)
    ? invalid('Param text cannot have new-line/tab characters or more than 4 consecutive spaces')
    : undefined;
}

function refuseStatus({ status, name, language }: Template): ProviderReply | undefined {
  switch (status) {
    case 'APPROVED':
      return undefined;
    case 'PAUSED':
      return knownGraphError(132_015, `template (${name}) is paused due to low quality`);
    case 'DISABLED':
      return knownGraphError(132_016, `template (${name}) is disabled`);
    case 'PENDING':
    case 'REJECTED':
      return knownGraphError(132_001, `template name (${name}) does not exist in ${language}`);
  }
}

function refuseCount(
  template: Template,
  parameters: readonly Parameter[],
): ProviderReply | undefined {
  const expected = placeholders(template.body);
  if (parameters.length !== expected.length) {
    return knownGraphError(
      132_000,
      `body: number of localizable_params (${parameters.length}) does not match the expected number of params (${expected.length})`,
    );
  }
  const isNamed = expected.some((name) => !/^\d+$/.test(name));
  const unknown = parameters.find(
    ({ parameter_name: name }) => isNamed && !expected.includes(name ?? ''),
  );
  return unknown && invalid('Parameter name is missing or empty');
}

function missing(name: string): ProviderReply {
  return graphError({ status: 400, code: 100, message: `The parameter ${name} is required.` });
}

function invalid(details: string): ProviderReply {
  return knownGraphError(100, details);
}
