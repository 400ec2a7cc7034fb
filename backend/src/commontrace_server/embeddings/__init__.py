"""Text to vectors: the embedders, what of a trace is embedded, and the job that does it."""

from commontrace_server.embeddings.protocol import Embedder, EmbedderUnavailableError, EmbeddingError

__all__ = ["Embedder", "EmbedderUnavailableError", "EmbeddingError"]
