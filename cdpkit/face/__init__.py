"""What notebooks show: forms, views, and their twins without a browser that can click. No decision is made here.

```
views/      what is shown of which object, a file a view; found by looking into the folder
forms/      forms as frozen values, and edits as functions from form to form
desk        where a view's state lies, and where the messages of the browser are carried out; knows no widget
table       a frame of which the browser gets windows
work        what takes long, in a thread of its own, with a Stop
widgets/    the one widget, which carries messages between a desk and the browser
web/        what runs in the browser: plain modules and one style sheet, joined when a view is first shown
```
"""

from cdpkit.face.doors import bundle, face_of, show

__all__ = ["bundle", "face_of", "show"]
