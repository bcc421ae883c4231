"""The store by which the nodes of ``torchrun`` find one another; it stays until it is ended.

torch_store.py PORT
"""

import sys
import threading

if __name__ == "__main__":
    try:
        from torch.distributed import TCPStore
    except ImportError as error:
        sys.exit("PyTorch has to be in the run's environment: {}".format(error))
    store = TCPStore("127.0.0.1", int(sys.argv[1]), is_master=True, wait_for_workers=False)
    sys.stdout.write("listening at port {}\n".format(store.port))
    sys.stdout.flush()
    threading.Event().wait()
