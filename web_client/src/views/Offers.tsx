/** Offers that stand, each with its answers. */
import { opponent } from '../protocol';
import type { Color, OfferKind } from '../protocol';
import type { Session } from '../session';
import type { Facts } from '../state';
import { text } from '../text';
import { Button } from './Button';
import { nameOf } from './title';

const KINDS: readonly OfferKind[] = ['draw', 'takeback', 'rematch'];

export function Offers({ facts, own, session }: { facts: Facts; own: Color; session: Session }) {
  const them = nameOf(facts[opponent(own)], opponent(own));
  return (
    <>
      {KINDS.map(kind => {
        const by = facts.offers[kind];
        if (by === null) return null;
        const decline = (): void => session.ask({ type: 'decline', kind });
        return (
          <div class="offer row" key={kind} data-testid={`offer-${kind}`}>
            <span>
              {by === own
                ? text.act.youOffered(kind)
                : kind === 'takeback'
                  ? text.act.asksTakeback(them)
                  : text.act.offered(them, kind)}
            </span>
            {by === own ? (
              <Button label={text.act.withdraw} testid={`withdraw-${kind}`} onClick={decline} />
            ) : (
              <>
                <Button
                  label={text.act.accept}
                  testid={`accept-${kind}`}
                  isMain
                  onClick={() => session.ask({ type: 'accept', kind })}
                />
                <Button label={text.act.decline} testid={`decline-${kind}`} onClick={decline} />
              </>
            )}
          </div>
        );
      })}
    </>
  );
}
