package io.lodestone.etcdfile.db;

import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.End;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A snapshot file told as a base while a thread of its own compares the file with its trailer. The
 * end of the stream comes only once the two agree; a sink that commits behind the end therefore
 * never commits what is not as etcd wrote it.
 */
final class VerifiedStream implements RevisionStream {
  private final RevisionStream stream;
  private final CompletableFuture<Void> verified = new CompletableFuture<>();

  VerifiedStream(RevisionStream stream, EtcdDatabase database) {
    this.stream = stream;
    Thread verifier = new Thread(() -> verify(database), "snapshot-verifier");
    verifier.setDaemon(true);
    verifier.start();
  }

  private void verify(EtcdDatabase database) {
    try (database) {
      database.file().verifyTrailer();
      verified.complete(null);
    } catch (IOException e) {
      verified.completeExceptionally(new UncheckedIOException(e));
    } catch (RuntimeException e) {
      verified.completeExceptionally(e);
    }
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException, InterruptedException {
    Optional<StreamItem> item = stream.poll(maxWait);
    if (verified.isCompletedExceptionally() || item.filter(End.class::isInstance).isPresent()) {
      awaitVerified();
    }
    return item;
  }

  private void awaitVerified() throws IOException {
    try {
      verified.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failure) {
        throw failure.getCause();
      }
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
