/** The choice of a time control, and how the protocol writes it. */
import { text } from '../text';

export type TimeWish =
  | { readonly kind: 'preset'; readonly control: string }
  | { readonly kind: 'custom'; readonly minutes: string; readonly increment: string }
  | { readonly kind: 'correspondence'; readonly days: number };

const PRESETS: readonly (readonly [minutes: number, increment: number])[] = [
  [1, 0],
  [2, 1],
  [3, 0],
  [3, 2],
  [5, 0],
  [5, 3],
  [10, 0],
  [10, 5],
  [15, 10],
  [30, 0],
  [30, 20],
];
const DAYS: readonly number[] = [1, 2, 3, 5, 7, 10, 14];
const MAX_MINUTES = 180;
const MAX_INCREMENT_S = 180;

/** `5+3`, `unlimited`, `3d`. */
export function timeOf(wish: TimeWish): string {
  switch (wish.kind) {
    case 'preset':
      return wish.control;
    case 'custom':
      return `${Number(wish.minutes)}+${Number(wish.increment)}`;
    case 'correspondence':
      return `${wish.days}d`;
  }
}

export function isValidTime(wish: TimeWish): boolean {
  if (wish.kind !== 'custom') return true;
  const [minutes, increment] = [Number(wish.minutes || NaN), Number(wish.increment || NaN)];
  const isInRange = minutes >= 0 && minutes <= MAX_MINUTES && increment >= 0 && increment <= MAX_INCREMENT_S;
  return isInRange && Number.isInteger(increment) && minutes + increment > 0;
}

export function TimeChoice({ wish, onChange }: { wish: TimeWish; onChange: (wish: TimeWish) => void }) {
  const radio = (isChosen: boolean, next: TimeWish) => (
    <input type="radio" name="time" value={timeOf(next)} checked={isChosen} onChange={() => onChange(next)} />
  );
  return (
    <fieldset>
      <legend>{text.home.time}</legend>
      <div class="choices times">
        {PRESETS.map(([minutes, increment]) => {
          const control = `${minutes}+${increment}`;
          return (
            <label class="choice tall" key={control}>
              {radio(wish.kind === 'preset' && wish.control === control, { kind: 'preset', control })}
              <span class="choice-face">
                <b>{control}</b>
                <small>{text.speed(minutes * 60, increment)}</small>
              </span>
            </label>
          );
        })}
        <label class="choice tall">
          {radio(wish.kind === 'custom', { kind: 'custom', minutes: '20', increment: '10' })}
          <span class="choice-face">
            <b aria-hidden="true">…</b>
            <small>{text.home.custom}</small>
          </span>
        </label>
      </div>
      <div class="choices halves">
        <label class="choice">
          {radio(wish.kind === 'preset' && wish.control === 'unlimited', { kind: 'preset', control: 'unlimited' })}
          <span class="choice-face">{text.home.unlimited}</span>
        </label>
        <label class="choice">
          {radio(wish.kind === 'correspondence', { kind: 'correspondence', days: 3 })}
          <span class="choice-face">{text.home.correspondence}</span>
        </label>
      </div>
      {wish.kind === 'custom' && (
        <div class="choices halves">
          <NumberField
            label={text.home.minutes}
            value={wish.minutes}
            max={MAX_MINUTES}
            step="any"
            onInput={minutes => onChange({ ...wish, minutes })}
          />
          <NumberField
            label={text.home.increment}
            value={wish.increment}
            max={MAX_INCREMENT_S}
            step="1"
            onInput={increment => onChange({ ...wish, increment })}
          />
        </div>
      )}
      {wish.kind === 'correspondence' && (
        <label class="field">
          <span>{text.home.daysPerMove}</span>
          <select value={wish.days} onChange={event => onChange({ ...wish, days: Number(event.currentTarget.value) })}>
            {DAYS.map(days => (
              <option value={days} key={days}>
                {text.home.days(days)}
              </option>
            ))}
          </select>
        </label>
      )}
    </fieldset>
  );
}

function NumberField(props: {
  label: string;
  value: string;
  max: number;
  step: string;
  onInput: (value: string) => void;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="number"
        min="0"
        max={props.max}
        step={props.step}
        required
        inputMode="decimal"
        value={props.value}
        onInput={event => props.onInput(event.currentTarget.value)}
      />
    </label>
  );
}
