from tests.local_stripe import local_stripe

__all__ = ["local_stripe"]
