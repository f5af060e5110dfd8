package io.lodestone.cli;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.Lineage;
import io.lodestone.repository.Repository;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** {@code --lineage}: which cluster's history in a repository. */
final class LineageOption {
  @Option(
      names = "--lineage",
      paramLabel = "ID",
      description =
          "which history, as 'backup list' names it; default: the newest, if the repository has but one cluster")
  private Optional<String> named = Optional.empty();

  /** The history that was named, or the only one that can be meant. */
  Lineage choose(Repository repository) throws IOException {
    List<Lineage> all = repository.lineages();
    if (named.isPresent()) {
      return all.stream()
          .filter(known -> known.toString().equals(named.get()))
          .findFirst()
          .orElseThrow(
              () ->
                  new LodestoneException(
                      "the repository has no lineage " + named.get(), "it has " + names(all)));
    }
    if (all.isEmpty()) {
      throw new LodestoneException(
          "the repository is empty", "run 'lodestone backup run' first, or check the address");
    }
    if (all.stream().map(Lineage::clusterId).distinct().count() > 1) {
      throw new LodestoneException(
          "the repository has the histories of several clusters",
          "choose one with --lineage: " + names(all));
    }
    return all.get(all.size() - 1);
  }

  private static String names(List<Lineage> lineages) {
    return lineages.stream().map(Lineage::toString).collect(Collectors.joining(", "));
  }
}
