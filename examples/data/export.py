"""Writes the three tables beside it from scikit-learn 1.9.1, which carries them."""
import csv
import pathlib

from sklearn import datasets

HERE = pathlib.Path(__file__).parent


def short(x):
    """The shortest text that reads back to the same number."""
    return repr(int(x)) if float(x).is_integer() else repr(float(x))


def write(name, columns, x, y):
    with open(HERE / f"{name}.csv", "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(columns)
        for row, target in zip(x, y):
            out.writerow([*map(short, row), target if isinstance(target, str) else short(target)])


digits = datasets.load_digits()
write("digits", [f"pixel_{r}_{c}" for r in range(8) for c in range(8)] + ["digit"], digits.data, digits.target)
cancer = datasets.load_breast_cancer()
names = [n.replace(" ", "_") for n in cancer.feature_names]
write("breast_cancer", names + ["diagnosis"], cancer.data, [str(cancer.target_names[t]) for t in cancer.target])
diabetes = datasets.load_diabetes(scaled=False)
write("diabetes", [*diabetes.feature_names, "progression"], diabetes.data, diabetes.target)
