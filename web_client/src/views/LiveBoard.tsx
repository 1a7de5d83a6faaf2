/** A game that is being played: its players, their clocks, and the board, which leads to it. */
import { useEffect, useState } from 'preact/hooks';
import { clockFace, remainingMs } from '../clock';
import type { Room } from '../lobby';
import type { Color } from '../protocol';
import { roomPath } from '../route';
import { text } from '../text';
import { MiniBoard } from './MiniBoard';

const TICK_MS = 1_000;

/** This device's time, again every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function LiveBoard({ room, now }: { room: Room; now: number }) {
  return (
    <a
      class={`live-board ${room.status}`}
      href={roomPath(room.room_id)}
      data-testid="live-board"
      data-room={room.room_id}
    >
      <Side room={room} color="black" now={now} />
      <MiniBoard fen={room.fen} lastMove={room.last_move} label={text.lobby.toMove(turnIn(room))} />
      <Side room={room} color="white" now={now} />
    </a>
  );
}

function Side({ room, color, now }: { room: Room; color: Color; now: number }) {
  const { clock } = room;
  const isTurn = room.status === 'playing' && turnIn(room) === color;
  return (
    <span class={`live-side ${isTurn ? 'turn' : ''}`}>
      <span class={`side ${color}`} role="img" aria-label={text.color(color)} />
      <span class="live-name">
        {room[color]?.bot && <b class="bot">{text.bot}</b>}
        {nameIn(room, color)}
      </span>
      {clock ? (
        <span class="live-clock">{faceOf(remainingMs(clock, room.heardAt, color, Math.max(now, room.heardAt)))}</span>
      ) : (
        room.status === 'finished' && color === 'black' && <span class="live-clock">{text.lobby.over}</span>
      )}
    </span>
  );
}

/** Whole seconds: the lobby is told of twice a second at most. */
function faceOf(ms: number): string {
  return text.clock.face({ ...clockFace(ms), tenths: null });
}

export function nameIn(room: Room, color: Color): string {
  return room[color]?.name || text.lobby.somebody;
}

function turnIn(room: Room): Color {
  return room.fen.split(' ')[1] === 'b' ? 'black' : 'white';
}
