export const destinationArgument = {
  name: '<destination>',
  help: 'name or id of the destination',
  complete: 'destinations',
} as const;
