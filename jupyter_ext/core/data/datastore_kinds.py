"""The kinds of datastores that can be registered."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.data.data_records import DatastoreRecord

if TYPE_CHECKING:
    from jupyter_ext.core.workspaces.workspace import Workspace

    from .datastore import Datastore

_CORE = "core.windows.net"


class DatastoreKinds:
    """How datastores are registered. Credentials are sealed: no file holds them in the clear, nothing shows them."""

    @classmethod
    def _register(
        cls, workspace: Workspace, record: DatastoreRecord, secrets: dict[str, Any], *, overwrite: bool
    ) -> Any:
        raise NotImplementedError

    @classmethod
    def register_url(
        cls, workspace: Workspace, datastore_name: str, url: str, overwrite: bool = False, **credentials: Any
    ) -> Datastore:
        """Register a folder of this machine, S3, Google Cloud Storage, or whatever else fsspec has a driver for.

        This is ours; v1 has nothing like it.

        Parameters
        ----------
        url
            ``/data/birds``, ``s3://bucket/prefix``, ``gs://bucket/prefix``.
        **credentials
            What fsspec's driver is told, such as ``key``, ``secret`` and ``endpoint_url`` for S3. All of it is sealed.

        Raises
        ------
        UserErrorException
            The name is taken, or a folder is not there.
        """
        if "://" not in url:
            folder = Path(url).expanduser().absolute()
            if not folder.is_dir():
                raise UserErrorException(f"There is no folder {folder}: make it first.")
            url = f"file://{folder}"
        if urlsplit(url).password:
            raise UserErrorException("The URL holds a password: pass it as a credential of its own, which is sealed.")
        record = DatastoreRecord(name=datastore_name, type="Custom", url=url, created=time.time())
        return cls._register(workspace, record, credentials, overwrite=overwrite)  # type: ignore[no-any-return]

    @classmethod
    def register_azure_blob_container(
        cls,
        workspace: Workspace,
        datastore_name: str,
        container_name: str,
        account_name: str,
        sas_token: str | None = None,
        account_key: str | None = None,
        protocol: str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        create_if_not_exists: bool = False,
        skip_validation: bool = False,
        blob_cache_timeout: int | None = None,
        grant_workspace_access: bool = False,
        subscription_id: str | None = None,
        resource_group: str | None = None,
    ) -> Datastore:
        """Register a container of Azure Blob Storage; reading it needs the extra ``azure``.

        Parameters
        ----------
        sas_token, account_key
            One of them; without either the container is read without credentials.
        endpoint
            ``core.windows.net`` where it is None.
        protocol, create_if_not_exists, skip_validation, blob_cache_timeout, grant_workspace_access
            Accepted as in v1: the container is looked at when it is used.
        subscription_id, resource_group
            Accepted as in v1.
        """
        del create_if_not_exists, skip_validation, blob_cache_timeout, grant_workspace_access
        del subscription_id, resource_group
        record = _azure(datastore_name, "AzureBlob", container_name, account_name, protocol, endpoint, {})
        secrets = {"sas_token": (sas_token or "").lstrip("?") or None, "account_key": account_key}
        return cls._register(workspace, record, secrets, overwrite=overwrite)  # type: ignore[no-any-return]

    @classmethod
    def register_azure_data_lake_gen2(
        cls,
        workspace: Workspace,
        datastore_name: str,
        filesystem: str,
        account_name: str,
        tenant_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        resource_url: str | None = None,
        authority_url: str | None = None,
        protocol: str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        grant_workspace_access: bool = False,
    ) -> Datastore:
        """Register a file system of Azure Data Lake Storage Gen2; reading it needs the extra ``azure``.

        Parameters
        ----------
        tenant_id, client_id, client_secret
            The service principal that reads it.
        resource_url, authority_url, subscription_id, resource_group, grant_workspace_access
            Accepted as in v1.
        """
        del resource_url, authority_url, subscription_id, resource_group, grant_workspace_access
        principal = {"tenant_id": tenant_id, "client_id": client_id}
        record = _azure(datastore_name, "AzureDataLakeGen2", filesystem, account_name, protocol, endpoint, principal)
        secrets = {"client_secret": client_secret}
        return cls._register(workspace, record, secrets, overwrite=overwrite)  # type: ignore[no-any-return]

    @staticmethod
    def register_azure_file_share(
        workspace: Workspace,
        datastore_name: str,
        file_share_name: str,
        account_name: str,
        sas_token: str | None = None,
        account_key: str | None = None,
        protocol: str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        create_if_not_exists: bool = False,
        skip_validation: bool = False,
    ) -> NoReturn:
        """Tell how a file share is used: it is mounted by the system, not by this package."""
        del workspace, sas_token, account_key, protocol, endpoint, overwrite, create_if_not_exists, skip_validation
        raise UserErrorException(
            f"An Azure file share is a disk: mount //{account_name}.file.core.windows.net/{file_share_name} with the "
            f"system's own tools (SMB or NFS), and register the folder: "
            f"Datastore.register_url(ws, {datastore_name!r}, '/mnt/{file_share_name}')."
        )

    @staticmethod
    def register_azure_data_lake(
        workspace: Workspace,
        datastore_name: str,
        store_name: str,
        tenant_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        resource_url: str | None = None,
        authority_url: str | None = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        overwrite: bool = False,
        grant_workspace_access: bool = False,
    ) -> NoReturn:
        """Say that Data Lake Storage Gen1 is no more: it was switched off in February 2024."""
        del workspace, datastore_name, tenant_id, client_id, client_secret, resource_url, authority_url
        del subscription_id, resource_group, overwrite, grant_workspace_access
        raise UserErrorException(
            f"Azure Data Lake Storage Gen1, where {store_name!r} was, was switched off in February 2024. Its data "
            "went to Gen2: Datastore.register_azure_data_lake_gen2."
        )

    @staticmethod
    def register_azure_sql_database(
        workspace: Workspace,
        datastore_name: str,
        server_name: str | None = None,
        database_name: str | None = None,
        tenant_id: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        resource_url: str | None = None,
        authority_url: str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        username: str | None = None,
        password: str | None = None,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        grant_workspace_access: bool = False,
        **kwargs: Any,
    ) -> NoReturn:
        """Tell how a database is read."""
        del workspace, server_name, database_name, tenant_id, client_id, client_secret, resource_url, authority_url
        del endpoint, overwrite, username, password, subscription_id, resource_group, grant_workspace_access, kwargs
        _refuse_database(datastore_name)

    @staticmethod
    def register_azure_postgre_sql(
        workspace: Workspace,
        datastore_name: str,
        server_name: str,
        database_name: str,
        user_id: str,
        user_password: str,
        port_number: str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        enforce_ssl: bool = True,
        **kwargs: Any,
    ) -> NoReturn:
        """Tell how a database is read."""
        del workspace, server_name, database_name, user_id, user_password, port_number, endpoint, overwrite
        del enforce_ssl, kwargs
        _refuse_database(datastore_name)

    @staticmethod
    def register_azure_my_sql(
        workspace: Workspace,
        datastore_name: str,
        server_name: str,
        database_name: str,
        user_id: str,
        user_password: str,
        port_number: str | None = None,
        endpoint: str | None = None,
        overwrite: bool = False,
        **kwargs: Any,
    ) -> NoReturn:
        """Tell how a database is read."""
        del workspace, server_name, database_name, user_id, user_password, port_number, endpoint, overwrite, kwargs
        _refuse_database(datastore_name)

    @staticmethod
    def register_dbfs(workspace: Workspace, datastore_name: str) -> NoReturn:
        """Say that Databricks' file system is reached from Databricks alone."""
        del workspace
        raise UserErrorException(
            f"DBFS is there on Databricks alone, so {datastore_name!r} cannot be read from here: copy the data to a "
            "folder or to object storage, and register that with Datastore.register_url."
        )

    @staticmethod
    def register_hdfs(
        workspace: Workspace,
        datastore_name: str,
        protocol: str,
        namenode_address: str,
        hdfs_server_certificate: str | None = None,
        kerberos_realm: str | None = None,
        kerberos_kdc_address: str | None = None,
        kerberos_principal: str | None = None,
        kerberos_keytab: str | None = None,
        kerberos_password: str | None = None,
        overwrite: bool = False,
    ) -> NoReturn:
        """Tell how HDFS is registered here."""
        del workspace, protocol, hdfs_server_certificate, kerberos_realm, kerberos_kdc_address
        del kerberos_principal, kerberos_keytab, kerberos_password, overwrite
        raise UserErrorException(
            "HDFS is reached through fsspec's own driver: "
            f"Datastore.register_url(ws, {datastore_name!r}, 'hdfs://{namenode_address}/...')."
        )


def _azure(
    name: str,
    kind: str,
    container: str,
    account: str,
    protocol: str | None,
    endpoint: str | None,
    principal: dict[str, str | None],
) -> DatastoreRecord:
    """Return the record of a container, or a file system, of an Azure storage account."""
    host = {"account_host": f"{account}.blob.{endpoint}"} if endpoint else {}
    given = {key: value for key, value in principal.items() if value is not None}
    return DatastoreRecord(
        name=name,
        type=kind,
        url=f"abfs://{container}",
        options={"account_name": account, **given, **host},
        shown={
            "account_name": account,
            "container_name": container,
            **principal,
            "protocol": protocol or "https",
            "endpoint": endpoint or _CORE,
        },
        created=time.time(),
    )


def _refuse_database(name: str) -> NoReturn:
    raise UserErrorException(
        f"A database cannot be a datastore here, so {name!r} is not registered: read it with pandas.read_sql, and "
        "keep what was read with Dataset.Tabular.register_pandas_dataframe."
    )
