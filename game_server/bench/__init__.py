"""`tabiya bench`: how fast a server is, and whether it lost, doubled or reordered anything meanwhile.

A program of its own: it starts servers as processes and talks to them over sockets, like everybody else. Figures that
mean something on any machine are ratios to the baseline (`bare`), taken in turn with the server under the same load.
"""
