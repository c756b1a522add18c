/** What may outlive a lead in the audit log: enough to tell two values apart, too little to find anybody. */
export function maskForRecord(field: 'name' | 'email' | 'phone', value: string): string {
  switch (field) {
    case 'name':
      return `${firstOf(value)}***`;
    case 'email':
      return `${firstOf(value)}***@***`;
    case 'phone':
      return `***${value.replaceAll(/\D/g, '').slice(-2)}`;
  }
}

function firstOf(text: string): string {
  const [first = ''] = text;
  return first;
}
