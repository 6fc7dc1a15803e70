"""An archive judged anew: other models or rules over every run file, on all cores or a Dask cluster."""
