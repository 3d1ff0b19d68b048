"""Pictures: curves of a History, drawings of models."""

import os

from . import _addax


def history_png(history):
    """The curves of a History as PNG."""
    numbers = {k: [float(x) for x in v] for k, v in history.items() if v and not isinstance(v[0], (list, tuple))}
    return _addax.curves(numbers)


def rows(model):
    """The layers of a model with the layers that feed them."""
    from ._models import Sequential

    if isinstance(model, Sequential) or not model._is_network() or model._core is None:
        layers = model.layers
        return [(one, [layers[i - 1]] if i else []) for i, one in enumerate(layers)]
    from ._layers import layer_of

    found, order, todo = {}, [], list(model.outputs)
    while todo:
        tensor = todo.pop()
        layer = layer_of(tensor._layer)
        parents = tensor._parents()
        fed = [layer_of(p._layer) for p in parents]
        if id(layer) not in found:
            found[id(layer)] = (layer, fed)
            order.append(layer)
            todo.extend(parents)
    return [found[id(one)] for one in reversed(order)]


def depths(pairs):
    """How far each layer is from the inputs."""
    depth, open_ = {}, dict((id(one), fed) for one, fed in pairs)

    def of(one, path=()):
        if id(one) in depth or id(one) in path:
            return depth.get(id(one), 0)
        fed = open_.get(id(one), [])
        depth[id(one)] = 1 + max((of(f, path + (id(one),)) for f in fed), default=-1)
        return depth[id(one)]

    for one, _ in pairs:
        of(one)
    return depth


def label(model, layer, show_shapes, show_dtype, show_layer_names):
    """What stands in the box of a layer."""
    lines = [f"{layer.name} ({type(layer).__name__})" if show_layer_names else type(layer).__name__]
    if show_shapes:
        shapes = model._core.shapes_of(layer._handle) if model._core is not None and model._core.built else []
        lines.append(", ".join(str(tuple(s)) for s in shapes) or "?")
    if show_dtype:
        lines.append(layer.dtype if hasattr(layer, "dtype") else "")
    return lines


def draw(model, show_shapes, show_dtype, show_layer_names, svg):
    """A model as boxes and arrows."""
    pairs = rows(model)
    if not pairs:
        raise ValueError("plot_model: expected a model with at least one layer; build it first")
    depth = depths(pairs)
    labels = {id(one): label(model, one, show_shapes, show_dtype, show_layer_names) for one, _ in pairs}
    width = max(110, 16 + 8 * max(len(t) for lines in labels.values() for t in lines))
    height = 14 + 18 * max(len(lines) for lines in labels.values())
    levels = {}
    for one, _ in pairs:
        levels.setdefault(depth[id(one)], []).append(one)
    across = max(len(level) for level in levels.values())
    total = across * (width + 24) + 24
    place = {}
    for level, members in levels.items():
        left = (total - len(members) * (width + 24) + 24) / 2
        for i, one in enumerate(members):
            place[id(one)] = (left + i * (width + 24), 20 + level * (height + 30))
    boxes = [(*place[id(one)], width, height) for one, _ in pairs]
    lines, texts = [], []
    for one, fed in pairs:
        x, y = place[id(one)]
        for i, t in enumerate(labels[id(one)]):
            texts.append((x + width / 2, y + 20 + 18 * i, 13.0, t))
        for f in fed:
            if id(f) in place:
                fx, fy = place[id(f)]
                end = (x + width / 2, y)
                lines.append([(fx + width / 2, fy + height), end])
                lines += [[(end[0] - 4, y - 7), end], [(end[0] + 4, y - 7), end]]
    size = (total, 40 + (max(levels) + 1) * (height + 30) - 30)
    return _addax.drawing(size, boxes, lines, texts, svg)


class Drawing:
    """A drawing that notebooks show."""

    def __init__(self, data, svg):
        self.data, self._svg = data, svg

    def _repr_svg_(self):
        return self.data.decode() if self._svg else None

    def _repr_png_(self):
        return None if self._svg else self.data


def model_svg(model, show_shapes=False, show_dtype=False, show_layer_names=True, **_):
    """A model as SVG."""
    return Drawing(draw(model, show_shapes, show_dtype, show_layer_names, True), True)


def plot_model(model, to_file, show_shapes, show_dtype, show_layer_names):
    """Draws a model into a file."""
    path = os.fspath(to_file)
    svg = path.endswith(".svg")
    if not svg and not path.endswith(".png"):
        raise ValueError(f"plot_model: expected a name that ends in .png or .svg, got {path}")
    data = draw(model, show_shapes, show_dtype, show_layer_names, svg)
    with open(path, "wb") as f:
        f.write(data)
    return Drawing(data, svg)
