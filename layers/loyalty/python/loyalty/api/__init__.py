"""The public contract: the models of requests and answers, without HTTP."""
