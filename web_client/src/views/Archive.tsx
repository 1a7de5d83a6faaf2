/** Finished games: search, paging, and on to the replay. What was searched for stands in the address. */
import { useEffect, useState } from 'preact/hooks';
import { finishedGames, moreGames } from '../api';
import type { Answer, GameSearch } from '../api';
import type { GameList, Result } from '../protocol';
import { text } from '../text';
import { GameTable } from './GameTable';
import { Shell } from './Shell';

const ON_A_PAGE = 20;
const RESULTS: readonly Result[] = ['1-0', '0-1', '1/2-1/2', '*'];

function searchOf(query: string): GameSearch {
  const asked = new URLSearchParams(query);
  const result = asked.get('result') ?? '';
  return {
    player: (asked.get('player') ?? '').slice(0, 32),
    result: RESULTS.some(one => one === result) ? result : '',
  };
}

export function Archive() {
  const [search, setSearch] = useState(() => searchOf(location.search));
  const [wish, setWish] = useState(search);
  /** The addresses of the pages up to the one that is shown; the first has none. */
  const [pages, setPages] = useState<readonly string[]>([]);
  const [answer, setAnswer] = useState<Answer<GameList> | null>(null);

  useEffect(() => {
    document.title = text.title.games;
    return () => {
      document.title = text.title.home;
    };
  }, []);
  useEffect(() => {
    let isLeft = false;
    const page = pages.at(-1);
    void (page === undefined ? finishedGames(search, ON_A_PAGE) : moreGames(page)).then(found => {
      if (!isLeft) setAnswer(found);
    });
    return () => {
      isLeft = true;
    };
  }, [search, pages]);

  const begin = (next: GameSearch): void => {
    setWish(next);
    setSearch(next);
    setPages([]);
    const query = new URLSearchParams(Object.entries(next).filter(([, value]) => value)).toString();
    history.replaceState(null, '', `/games${query && `?${query}`}`);
  };

  return (
    <Shell>
      <section class="archive card">
        <h1>{text.archive.heading}</h1>
        <SearchForm wish={wish} onInput={setWish} onSearch={begin} />
        <Found answer={answer} isAll={!search.player && !search.result} />
        <Pager
          page={pages.length + 1}
          next={answer && 'ok' in answer ? answer.ok.next : null}
          onOlder={next => setPages([...pages, next])}
          onNewer={() => setPages(pages.slice(0, -1))}
        />
      </section>
    </Shell>
  );
}

interface FormProps {
  wish: GameSearch;
  onInput: (wish: GameSearch) => void;
  onSearch: (wish: GameSearch) => void;
}

function SearchForm({ wish, onInput, onSearch }: FormProps) {
  return (
    <form
      class="archive-search"
      role="search"
      onSubmit={event => {
        event.preventDefault();
        onSearch({ ...wish, player: wish.player.trim() });
      }}
    >
      <label class="field">
        <span>{text.archive.player}</span>
        <input
          type="text"
          value={wish.player}
          maxLength={32}
          placeholder={text.archive.anyPlayer}
          autocomplete="off"
          data-testid="search-player"
          onInput={event => onInput({ ...wish, player: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>{text.archive.result}</span>
        <select
          value={wish.result}
          data-testid="search-result"
          onChange={event => onSearch({ ...wish, result: event.currentTarget.value })}
        >
          <option value="">{text.archive.anyResult}</option>
          {RESULTS.map(result => (
            <option value={result} key={result}>
              {text.archive.results[result]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button primary" data-testid="search">
        {text.archive.search}
      </button>
    </form>
  );
}

function Found({ answer, isAll }: { answer: Answer<GameList> | null; isAll: boolean }) {
  if (!answer) return <p class="quiet archive-list">{text.archive.loading}</p>;
  if ('failure' in answer) {
    return (
      <p class="failure archive-list" role="alert">
        {text.archive.failed}
      </p>
    );
  }
  return (
    <div class="archive-list" aria-live="polite">
      {answer.ok.items.length > 0 ? (
        <GameTable games={answer.ok.items} />
      ) : (
        <p class="quiet">{isAll ? text.lobby.finishedNone : text.archive.none}</p>
      )}
    </div>
  );
}

interface PagerProps {
  page: number;
  next: string | null;
  onOlder: (next: string) => void;
  onNewer: () => void;
}

function Pager({ page, next, onOlder, onNewer }: PagerProps) {
  if (page === 1 && next === null) return null;
  return (
    <div class="row archive-pager">
      <button type="button" class="button" disabled={page === 1} data-testid="newer" onClick={onNewer}>
        {text.archive.newer}
      </button>
      <span class="quiet" data-testid="page">
        {text.archive.page(page)}
      </span>
      <button
        type="button"
        class="button"
        disabled={next === null}
        data-testid="older"
        onClick={() => next !== null && onOlder(next)}
      >
        {text.archive.older}
      </button>
    </div>
  );
}
