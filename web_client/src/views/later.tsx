/** Views that come as files of their own: nobody's first move waits for them. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Shell, Unreachable } from './Shell';

/** The page that `load` brings; until then the frame around it, and what to do if it cannot be had. */
export function laterPage<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  return later(load, ({ retry }) => <Shell>{retry && <Unreachable retry={retry} />}</Shell>);
}

interface Waiting {
  /** Set if the file could not be had. */
  retry: (() => void) | null;
}

/** The view that `load` brings; until then `Meanwhile`, or nothing. */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Meanwhile: ComponentType<Waiting> = () => null,
): ComponentType<Props> {
  let known: ComponentType<Props> | null = null;
  return function Later(props: Props) {
    const [Page, setPage] = useState(() => known);
    const [isLost, setLost] = useState(false);
    const fetchPage = (): void => {
      setLost(false);
      void load().then(
        page => {
          known = page;
          setPage(() => page);
        },
        () => setLost(true),
      );
    };
    useEffect(() => {
      if (!Page) fetchPage();
    }, []);
    if (Page) return <Page {...props} />;
    return <Meanwhile retry={isLost ? fetchPage : null} />;
  };
}
