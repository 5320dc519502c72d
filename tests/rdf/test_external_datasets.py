"""The table of external datasets."""

import pytest

from whereas.rdf.external_datasets import EXTERNAL_DATASETS, dataset_of


def test_namespaces_of_datasets_do_not_overlap():
    for dataset in EXTERNAL_DATASETS:
        assert dataset_of(f"{dataset.namespace}x") is dataset


@pytest.mark.parametrize("iri", ["https://example.org/x", "urn:isbn:0", ""])
def test_other_iris_are_in_no_dataset(iri):
    assert dataset_of(iri) is None
