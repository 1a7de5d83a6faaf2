import 'chessground/assets/chessground.base.css';
import 'chessground/assets/chessground.cburnett.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/controls.css';
import './styles/cards.css';
import './styles/game.css';
import './styles/layouts.css';
import './styles/board.css';
import './styles/play.css';
import './styles/dialogs.css';
import { render } from 'preact';
import { hearOtherTabs } from './settings';
import { App } from './views/App';

hearOtherTabs();
const root = document.getElementById('app');
if (root) render(<App />, root);
