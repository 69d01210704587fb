"""The widget: nothing but a carrier between a desk and the browser. The only room that imports widget libraries."""
