import 'chessground/assets/chessground.base.css';
import 'chessground/assets/chessground.cburnett.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/controls.css';
import './styles/cards.css';
import './styles/game.css';
import './styles/layouts.css';
import './styles/board.css';
import './styles/theme.css';
import './styles/compare.css';
import './styles/docs.css';
import { render } from 'preact';
import { App } from './views/App';

const root = document.getElementById('app');
if (root) render(<App />, root);
