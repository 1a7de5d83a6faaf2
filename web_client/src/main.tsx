import 'chessground/assets/chessground.base.css';
import 'chessground/assets/chessground.cburnett.css';
import './style.css';
import { render } from 'preact';
import { App } from './views/App';

const root = document.getElementById('app');
if (root) render(<App />, root);
