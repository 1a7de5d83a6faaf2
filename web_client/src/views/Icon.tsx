/** The few icons there are, drawn here: fonts do not have them everywhere. */
const PATHS = {
  first: 'M7 5v14M18 5.5v13L9 12z',
  previous: 'M16 5.5v13L7 12z',
  next: 'M8 5.5v13l9-6.5z',
  last: 'M17 5v14M6 5.5v13l9-6.5z',
  flip: 'M8 19V6m-4 4 4-4 4 4M16 5v13m-4-4 4 4 4-4',
  close: 'M6 6l12 12M18 6 6 18',
  share: 'M12 15V4m-4 4 4-4 4 4M6 11v8h12v-8',
  settings:
    'M4 7h9m5 0h2M4 17h2m5 0h9M13 7a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0M6 17a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`svg-icon ${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
