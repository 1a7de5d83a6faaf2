/** The choice of a time control. */
import { text } from '../text';
import { DAYS, MAX_INCREMENT_S, MAX_MINUTES, PRESETS, timeOf } from '../timeWish';
import type { TimeWish } from '../timeWish';

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
