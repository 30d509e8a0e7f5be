#!/usr/bin/env python3
"""Stands for a file manager from which files are dragged: the source's part of XDND 5.

    drag.py X Y FILE…   drags the files over that place of Fieldkey's window, lets go, and waits until they were taken

https://www.freedesktop.org/wiki/Specifications/XDND/
"""

import pathlib
import select
import sys
import time

from Xlib import X, Xatom, display
from Xlib.protocol import event

PATIENCE = 20
x, y, files = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
uris = "".join(pathlib.Path(file).as_uri() + "\r\n" for file in files).encode()

screen = display.Display()
root = screen.screen().root
atom = screen.intern_atom
source = root.create_window(0, 0, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask)


def aware(window):
    """The first window, from the top, that takes what is dragged."""
    for child in reversed(window.query_tree().children):
        if child.get_attributes().map_state != X.IsViewable:
            continue
        if child.get_full_property(atom("XdndAware"), X.AnyPropertyType):
            return child
        found = aware(child)
        if found:
            return found
    return None


def tell(message, *data):
    words = [source.id, *data, *[0] * (4 - len(data))]
    target.send_event(event.ClientMessage(window=target, client_type=atom(message), data=(32, words)))
    screen.flush()


def answer(request):
    """Hands over what is dragged."""
    notify = {"time": request.time, "requestor": request.requestor, "selection": request.selection,
              "target": request.target, "property": request.property}
    if request.target == atom("text/uri-list"):
        request.requestor.change_property(request.property, request.target, 8, uris)
    elif request.target == atom("TARGETS"):
        kinds = [atom("TARGETS"), atom("text/uri-list")]
        request.requestor.change_property(request.property, Xatom.ATOM, 32, kinds)
    else:
        notify["property"] = X.NONE
    request.requestor.send_event(event.SelectionNotify(**notify))
    screen.flush()


def wait_for(what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not screen.pending_events() and not select.select([screen], [], [], left)[0]:
            break
        came = screen.next_event()
        if came.type == X.SelectionRequest:
            answer(came)
        elif what(came):
            return came
    return None


def message(name):
    return lambda came: came.type == X.ClientMessage and came.client_type == atom(name)


target = aware(root)
if target is None:
    sys.exit("no window takes what is dragged")
# The server's time, which an owner of a selection has to name.
source.change_property(atom("FIELDKEY_TIME"), Xatom.STRING, 8, b"")
now = wait_for(lambda came: came.type == X.PropertyNotify).time
source.set_selection_owner(atom("XdndSelection"), now)

tell("XdndEnter", 5 << 24, atom("text/uri-list"))
end = time.monotonic() + PATIENCE
accepted = False
while not accepted:
    if time.monotonic() > end:
        sys.exit("the window does not want it")
    # A hand is never still.
    x, y = x + 1, y + 1
    tell("XdndPosition", 0, x << 16 | y, now, atom("XdndActionCopy"))
    status = wait_for(message("XdndStatus"), 2)
    time.sleep(0.03)
    accepted = status is not None and bool(status.data[1][1] & 1)
tell("XdndDrop", 0, now)
if wait_for(message("XdndFinished")) is None:
    sys.exit("the window did not say that it took it")
