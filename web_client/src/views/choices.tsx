/** The choices of the start page's form, each a row of radio buttons. */
import type { ComponentChildren } from 'preact';
import { KINDS, OPPONENTS, SIDES } from '../newGame';
import type { Kind, Opponent, Side } from '../newGame';
import { text } from '../text';
import { PieceIcon } from './PieceIcon';

interface ChoiceProps<T extends string | number> {
  name: string;
  legend: string;
  options: readonly T[];
  chosen: T;
  onChange: (option: T) => void;
  face: (option: T) => ComponentChildren;
  columns: 'thirds' | 'quarters' | 'eighths';
  isTall?: boolean;
}

export function Choice<T extends string | number>(props: ChoiceProps<T>) {
  return (
    <fieldset>
      <legend>{props.legend}</legend>
      <div class={`choices ${props.columns}`}>
        {props.options.map(option => (
          <label class={`choice ${props.isTall ? 'tall' : ''}`} key={option}>
            <input
              type="radio"
              name={props.name}
              value={option}
              checked={props.chosen === option}
              onChange={() => props.onChange(option)}
            />
            <span class="choice-face">{props.face(option)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function OpponentChoice({ opponent, onChange }: { opponent: Opponent; onChange: (next: Opponent) => void }) {
  return (
    <div class="opponents">
      <Choice
        name="opponent"
        legend={text.home.against}
        options={OPPONENTS}
        chosen={opponent}
        onChange={onChange}
        columns="quarters"
        face={one => text.home.opponent[one]}
      />
      <p class="quiet" aria-live="polite">
        {text.home.intro[opponent]}
      </p>
    </div>
  );
}

export function SideChoice(props: { side: Side; onChange: (side: Side) => void }) {
  return (
    <Choice
      name="color"
      legend={text.home.color}
      options={SIDES}
      chosen={props.side}
      onChange={props.onChange}
      columns="thirds"
      isTall
      face={one => (
        <>
          <PieceIcon color={one} role="king" />
          {one === 'random' ? text.home.random : text.color(one)}
        </>
      )}
    />
  );
}

export function KindChoice({ kind, onChange }: { kind: Kind; onChange: (kind: Kind) => void }) {
  return (
    <Choice
      name="variant"
      legend={text.home.variant}
      options={KINDS}
      chosen={kind}
      onChange={onChange}
      columns="thirds"
      face={one => (one === 'position' ? text.home.fromPosition : text.variant(one))}
    />
  );
}
