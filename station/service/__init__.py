"""The service: starts guard and workers, keeps records, analyses, and answers window and command line."""
