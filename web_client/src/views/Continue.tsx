/** A new game from one of this game's positions, against a friend or the computer. */
import { useEffect, useState } from 'preact/hooks';
import { computerOffer, createRoom, playComputer } from '../api';
import type { Failure } from '../api';
import { UNLIMITED, againstComputer } from '../newGame';
import { roomPath } from '../route';
import type { Facts } from '../state';
import { newToken, storedName, storeSeatToken } from '../storage';
import { text } from '../text';
import { Dialog } from './Dialog';

const TIMES: readonly string[] = [UNLIMITED, '3+2', '5+3', '10+5', '15+10', '30+20'];
const FIRST_LEVEL = 3;

interface Props {
  fen: string;
  /** Whether the position leaves nothing to play. */
  isOver: boolean;
  facts: Facts;
  onClose: () => void;
}

type Color = 'white' | 'black' | 'random';

export function Continue({ fen, isOver, facts, onClose }: Props) {
  const [color, setColor] = useState<Color>(fen.split(' ')[1] === 'b' ? 'black' : 'white');
  const [time, setTime] = useState(facts.time_control);
  const [level, setLevel] = useState(FIRST_LEVEL);
  const [failure, setFailure] = useState('');
  const [isBusy, setBusy] = useState(false);
  const levels = useLevels();

  const start = async (computerLevel: number | null): Promise<void> => {
    setBusy(true);
    const failed = await begun({ fen, variant: facts.variant, time, color, computerLevel });
    setFailure(failed ? text.again.failed(failed) : '');
    setBusy(false);
  };
  return (
    <Dialog heading={text.again.heading} testid="continue-dialog" onClose={onClose}>
      {isOver && <p>{text.again.over}</p>}
      <Choice
        label={text.home.color}
        testid="continue-color"
        value={color}
        options={[
          ['white', text.color('white')],
          ['black', text.color('black')],
          ['random', text.home.random],
        ]}
        onChange={value => setColor(value as Color)}
      />
      <Choice
        label={text.home.time}
        testid="continue-time"
        value={time}
        options={[...new Set([facts.time_control, ...TIMES])].map(control => [control, text.timeControl(control)])}
        onChange={setTime}
      />
      <p class="failure" role="alert">
        {failure}
      </p>
      <button
        type="button"
        class="button primary"
        disabled={isOver || isBusy}
        data-testid="continue-friend"
        onClick={() => void start(null)}
      >
        {text.again.friend}
      </button>
      {levels.length > 0 ? (
        <div class="against-computer">
          <Choice
            label={text.again.level}
            testid="continue-level"
            value={String(level)}
            options={levels.map(one => [String(one), String(one)])}
            onChange={value => setLevel(Number(value))}
          />
          <button
            type="button"
            class="button"
            disabled={isOver || isBusy}
            data-testid="continue-computer"
            onClick={() => void start(level)}
          >
            {text.again.computer}
          </button>
        </div>
      ) : (
        <p class="quiet">{text.again.noComputer}</p>
      )}
    </Dialog>
  );
}

function Choice(props: {
  label: string;
  testid: string;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  onChange: (value: string) => void;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <select
        value={props.value}
        data-testid={props.testid}
        onChange={event => props.onChange(event.currentTarget.value)}
      >
        {props.options.map(([value, label]) => (
          <option value={value} key={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The levels at which the server's engine plays; none if it has no engine. */
function useLevels(): readonly number[] {
  const [levels, setLevels] = useState<readonly number[]>([]);
  useEffect(() => {
    void computerOffer().then(answer => setLevels('ok' in answer ? answer.ok.levels : []));
  }, []);
  return levels;
}

interface Beginning {
  readonly fen: string;
  readonly variant: string;
  readonly time: string;
  readonly color: Color;
  readonly computerLevel: number | null;
}

/** Makes the room and goes there; the failure, if one of the steps fails. */
async function begun({ computerLevel, ...game }: Beginning): Promise<Failure | null> {
  const token = newToken();
  const name = storedName();
  const patience = computerLevel === null ? {} : againstComputer(game.time);
  const made = await createRoom({ ...game, ...patience, token, ...(name ? { name } : {}) });
  if ('failure' in made) return made.failure;
  const { room_id: roomId } = made.ok;
  storeSeatToken(roomId, token);
  const seated = computerLevel === null ? null : await playComputer(roomId, computerLevel);
  if (seated && 'failure' in seated) return seated.failure;
  location.assign(roomPath(roomId));
  return null;
}
