package io.lodestone.repository;

import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.revisions.RevisionSink;
import io.lodestone.revisions.RevisionSource;
import io.lodestone.revisions.StreamContract;

/** The contract of streams, over a repository whose parts are tiny so that there are many. */
abstract class RepositoryContract extends StreamContract {

  abstract ObjectStore openStore() throws Exception;

  @Override
  protected RevisionSink newSink() throws Exception {
    return Repository.openOrCreate(openStore())
        .openWriter(
            Histories.CLUSTER, Histories.HOLDER, Takeover.WHEN_SILENT, Histories.SMALL_PARTS);
  }

  @Override
  protected RevisionSource written() throws Exception {
    Repository repository = Repository.open(openStore());
    return repository.source(repository.newest(Histories.CLUSTER).orElseThrow());
  }

  @Override
  protected boolean anythingVisible() throws Exception {
    return Repository.open(openStore()).describe().lineages().stream()
        .anyMatch(lineage -> !lineage.bases().isEmpty());
  }
}
